"""What is due: claims whose review is overdue, and returns after their date; with the alerts about both."""

"""Operations on figures: sum, difference, ratio, share, rank and series, each allowed or refused with its reason."""

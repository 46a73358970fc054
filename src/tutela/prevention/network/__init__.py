"""The prevention network: members, groups, what they announce and deliver, survivors' views, research map, relief."""

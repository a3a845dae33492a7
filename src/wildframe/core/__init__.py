"""What every station stands on: contracts, atomic files, statistics, errors, configuration."""

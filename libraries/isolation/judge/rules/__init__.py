"""What every judge is made of: verdicts, statistics, series and excuses."""

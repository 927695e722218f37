"""What an experiment leaves for people: report, comparison, pull request, and what GitHub says of it."""

"""The circuit breaker: what the account has lost, and the memory of it that outlives the process."""

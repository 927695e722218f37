"""Alpaca on this machine: its REST interface and its streams, with an account, a market, and every fault.

What it answers has the fields and the shapes that https://docs.alpaca.markets/reference documents; a test drives it
with Alpaca's own client.
"""

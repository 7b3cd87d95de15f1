"""The steps, oldest first: v0001, v0002, …"""

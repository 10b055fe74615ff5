"""Driving a target: everything here talks to the platform and writes down what happened; nothing here judges."""

"""The operations' inputs and outputs as types, generated from AWS's service models."""

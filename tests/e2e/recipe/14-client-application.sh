#!/bin/bash
node --version && npm --version

npm list fabric-network

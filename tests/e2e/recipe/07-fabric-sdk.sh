#!/bin/bash
mkdir -p ~/fabric-client-app
cd ~/fabric-client-app

# fabric-client was published up to 1.4.20 only.
cat > package.json << 'END'
{
  "name": "fabric-blockchain-client",
  "version": "1.0.0",
  "main": "app.js",
  "dependencies": {
    "fabric-network": "^2.2.20",
    "fabric-client": "^1.4.20",
    "fabric-ca-client": "^2.2.20"
  }
}
END

npm install

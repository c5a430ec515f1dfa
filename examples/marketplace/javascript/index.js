'use strict';

const Marketplace = require('./lib/marketplace');

module.exports.Marketplace = Marketplace;
module.exports.contracts = [Marketplace];

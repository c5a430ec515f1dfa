// Reads simulations, one JSON object a line, and writes what iam-simulate decides about each.
import { createInterface } from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const decisions = { Allowed: 'allowed', ImplicitlyDenied: 'denied', ExplicitlyDenied: 'explicitly denied' }

for await (const line of createInterface({ input: process.stdin })) {
  const done = await runSimulation(JSON.parse(line), {})
  const decision = decisions[done.overallResult] ?? JSON.stringify(done.errors ?? done)
  process.stdout.write(`${JSON.stringify(decision)}\n`)
}

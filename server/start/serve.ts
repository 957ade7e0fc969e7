// The server alone, for where the board is already built: an image, `npm run dev`, a test.
import { pino } from 'pino'
import { ConfigInvalid, readConfig } from '#server/config.ts'
import { StartRefused } from '#server/doors/index.ts'
import { type House, openHouse } from '#server/main.ts'
import { UxbridgeError } from '#shared/errors.ts'

function isForPeople(error: unknown): error is Error {
  return error instanceof StartRefused || error instanceof ConfigInvalid || error instanceof UxbridgeError
}

/** Starts Uxbridge from the environment and runs until SIGTERM or SIGINT. */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  let house: House
  let log: pino.Logger
  // The database and the keys are this user's, whoever may look into the folder they lie in.
  process.umask(0o077)
  try {
    const config = readConfig(env)
    log = pino(
      {
        level: config.logLevel,
        redact: [
          'authorization',
          '*.authorization',
          'cookie',
          '*.cookie',
          'password',
          '*.password',
          'key',
          '*.key',
          'token',
          '*.token',
        ],
      },
      pino.destination({ fd: 2, sync: true }),
    )
    if (!config.loopback && !(config.publicUrl?.startsWith('https:') ?? false))
      log.warn(
        { host: config.host },
        'reachable from the network without TLS: put a TLS proxy in front and set PUBLIC_URL to its https address',
      )
    house = await openHouse(config, log)
  } catch (error) {
    if (!isForPeople(error)) throw error
    process.stderr.write(`Uxbridge cannot start.\n${error.message}\n`)
    process.exitCode = 1
    return
  }
  const { setup, curl } = house.welcome
  const lines = [`Uxbridge is ready: ${house.url}`]
  if (setup !== null)
    lines.push('', 'Create the first administrator (the link works once, for 24 hours):', `  ${setup}`)
  if (curl !== null) lines.push('', 'Send a first event:', `  ${curl}`)
  process.stdout.write(`${lines.join('\n')}\n`)
  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    // A second signal means: now.
    if (stopping) process.exit(1)
    stopping = true
    log.info({ signal }, 'stopping')
    house.close().then(
      () => process.exit(0),
      (err: unknown) => {
        log.error({ err }, 'stopping failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

await main(process.env)

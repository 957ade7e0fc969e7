import type { Server } from 'node:http'

/** Opens the address. @throws StartRefused for what a person can mend: a port in use, one that needs other rights */
export function listen(http: Server, config: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(listenRefused(error, config)))
    http.listen(config.port, config.host, () => resolve())
  })
}

/** Why the door cannot be opened, for a person where a person can mend it. */
function listenRefused(error: NodeJS.ErrnoException, { port, host }: { port: number; host: string }): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartRefused(`Port ${port} on ${host} is in use. Stop what uses it, or set PORT to another one.`)
    case 'EACCES':
      return new StartRefused(`This user may not open port ${port} (EACCES). Set PORT to one above 1023.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new StartRefused(
        `This machine has no address ${host} (${error.code}). Set HOST to one of its own, or to 127.0.0.1.`,
      )
    default:
      return error
  }
}

/** Starting is impossible for a reason that a person can mend. */
export class StartRefused extends Error {
  override name = 'StartRefused'
}

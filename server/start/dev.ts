// `npm run dev`: the board from Vite with hot replacement, and behind it the server, restarted when its files change.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'

const boardPort = Number(process.env.PORT ?? 4000)
const serverPort = boardPort + 1
const board = `http://localhost:${boardPort}`
const behind = `http://127.0.0.1:${serverPort}`

const client = fileURLToPath(new URL('../../client', import.meta.url))
const serve = fileURLToPath(new URL('serve.ts', import.meta.url))

// client/vite.config.ts knows which paths are the server's, and asks here where it is.
process.env.UXBRIDGE_API = behind

const server = spawn(process.execPath, ['--watch', '--watch-preserve-output', serve], {
  stdio: 'inherit',
  // The links it prints, and the origins it accepts, are those of the board in front.
  env: { ...process.env, PORT: String(serverPort), PUBLIC_URL: process.env.PUBLIC_URL ?? board },
})

const vite = await createServer({
  root: client,
  configFile: `${client}/vite.config.ts`,
  server: { port: boardPort, strictPort: true },
})
await vite.listen()
vite.printUrls()

let ending = false
async function end(signal: NodeJS.Signals): Promise<void> {
  if (ending) return
  ending = true
  server.kill(signal)
  await vite.close()
}
process.on('SIGINT', (signal) => void end(signal))
process.on('SIGTERM', (signal) => void end(signal))
server.once('exit', (code) => {
  process.exitCode = ending ? 0 : (code ?? 1)
  ending = true
  void vite.close()
})

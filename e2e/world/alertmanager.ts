import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { findProgram } from '../run/machine.ts'
import { freePort, launch, type Running } from './process.ts'
import { newFolder } from './server.ts'
import { until } from './until.ts'

/** A real Alertmanager or Prometheus with a configuration and storage of its own. */
export interface Foreign {
  url: string
  running: Running
  close(): Promise<void>
}

/**
 * Debian's Alertmanager, alone (no cluster), on a port of its own.
 * @param webhook where its one receiver posts, with the bearer key it shows; without it nothing leaves it
 */
export async function startAlertmanager(webhook?: { url: string; key: string }): Promise<Foreign> {
  const receiver =
    webhook === undefined
      ? { name: 'nobody' }
      : {
          name: 'uxbridge',
          webhook_configs: [
            {
              url: webhook.url,
              send_resolved: true,
              http_config: { authorization: { type: 'Bearer', credentials: webhook.key } },
            },
          ],
        }
  const config = {
    route: {
      receiver: receiver.name,
      group_by: ['alertname'],
      group_wait: '100ms',
      group_interval: '500ms',
      repeat_interval: '1h',
    },
    receivers: [receiver],
  }
  return startForeign('prometheus-alertmanager', 'alertmanager.yml', config, (file, folder, address) => [
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'storage')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ])
}

/** @throws Error when the program is not on this machine, or does not become ready */
export async function startForeign(
  name: string,
  fileName: string,
  config: unknown,
  words: (file: string, folder: string, address: string) => string[],
  extraFiles: Record<string, string> = {},
): Promise<Foreign> {
  const program = findProgram(name)
  if (program === null) throw new Error(`this machine has no ${name}`)
  const folder = newFolder(name)
  mkdirSync(join(folder, 'storage'))
  const file = join(folder, fileName)
  writeFileSync(file, stringify(config))
  for (const [path, text] of Object.entries(extraFiles)) writeFileSync(join(folder, path), text)
  const address = `127.0.0.1:${await freePort()}`
  const running = launch({ name, program, words: words(file, folder, address), cwd: folder })
  const url = `http://${address}`
  const close = async (): Promise<void> => {
    await running.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  await until(`${name} to be ready`, async () => running.hasEnded() || (await fetch(`${url}/-/ready`)).ok)
  if (running.hasEnded()) throw new Error(`${name} ended instead of starting:\n${running.log()}`)
  return { url, running, close }
}

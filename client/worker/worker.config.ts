import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { build, type Plugin, type Rolldown } from 'vite'
import type { Shell } from './shell.ts'

const worker = fileURLToPath(new URL('worker.ts', import.meta.url))
/** What stands in `public` and has no hash in its name. */
const plain = ['/index.html', '/manifest.webmanifest', '/icon.svg', '/icon-192.png', '/badge-96.png']

/**
 * Builds the service worker, with the list of what it keeps: everything that the named modules need, and the page.
 * @param first modules of screens that must open without a network, by the end of their paths
 */
export function serviceWorker(first: readonly string[]): Plugin {
  return {
    name: 'uxbridge-service-worker',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_options, bundle) {
      const shell = shellOf(bundle, first)
      const code = await compile(shell)
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: code })
    },
  }
}

/** @throws Error when a module of the list is not in the build: a screen was moved, and would be missing without a word */
export function shellOf(bundle: Rolldown.OutputBundle, first: readonly string[]): Shell {
  const chunks = Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? [one] : []))
  const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const files = new Set<string>()
  const add = (chunk: Rolldown.OutputChunk | undefined): void => {
    if (chunk === undefined || files.has(chunk.fileName)) return
    files.add(chunk.fileName)
    for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style)
    for (const asset of chunk.viteMetadata?.importedAssets ?? []) if (asset.endsWith('.woff2')) files.add(asset)
    for (const file of chunk.imports) add(byFile.get(file))
  }
  for (const chunk of chunks) if (chunk.isEntry) add(chunk)
  for (const module of first) {
    const chunk = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(module)))
    if (chunk === undefined) throw new Error(`the service worker cannot find ${module} in the build`)
    add(chunk)
  }
  // Fonts are asked for by the styles.
  for (const name of Object.keys(bundle)) if (name.endsWith('.woff2')) files.add(name)
  const all = [...plain, ...[...files].sort().map((file) => `/${file}`)]
  const page = bundle['index.html']
  const hash = createHash('sha256').update(all.join('\n'))
  if (page?.type === 'asset') hash.update(page.source)
  return { version: hash.digest('hex').slice(0, 16), files: all }
}

async function compile(shell: Shell): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    define: { __SHELL__: JSON.stringify(shell) },
    build: {
      write: false,
      target: 'es2022',
      copyPublicDir: false,
      rollupOptions: { input: worker, output: { format: 'iife', entryFileNames: 'sw.js' } },
    },
  })
  const output = (Array.isArray(built) ? built : [built]).flatMap((one) => ('output' in one ? one.output : []))
  const chunk = output.find((one) => one.type === 'chunk')
  if (chunk === undefined) throw new Error('the service worker was not built')
  return chunk.code
}

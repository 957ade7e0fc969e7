// Makes the pictures of the installable app from client/public/icon.svg: `node e2e/run/icons.ts`. They are kept in the tree,
// because a build needs no browser.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { launchBrowser } from './machine.ts'

const folder = fileURLToPath(new URL('../../client/public/', import.meta.url))
const svg = readFileSync(`${folder}icon.svg`, 'utf8')
const ground = '#14171a'
const clear = 'transparent'
const bare = svg.replace(/<rect [^>]*\/>/, '')
/** The shapes alone, in one colour: what a status bar can show. */
const silhouette = bare.replaceAll(/(fill|stroke)="#[0-9a-f]+"/g, '$1="#fff"')

/** `inset`: share of the width that stays free on each side; a maskable icon is cut to a circle of 80 %. */
const pictures = [
  { name: 'icon-192.png', size: 192, body: svg, inset: 0, background: clear },
  { name: 'icon-512.png', size: 512, body: svg, inset: 0, background: clear },
  { name: 'icon-maskable-512.png', size: 512, body: bare, inset: 0.12, background: ground },
  { name: 'apple-touch-icon.png', size: 180, body: bare, inset: 0.06, background: ground },
  { name: 'badge-96.png', size: 96, body: silhouette, inset: 0, background: clear },
]

const browser = await launchBrowser()
try {
  for (const { name, size, body, inset, background } of pictures) {
    const page = await browser.newPage({ viewport: { width: size, height: size } })
    const whole = body.replace('<svg ', '<svg width="100%" height="100%" ')
    const place = `position:absolute;inset:${Math.round(size * inset)}px`
    await page.setContent(`<body style="margin:0;background:${background}"><div style="${place}">${whole}</div>`)
    await page.screenshot({ path: folder + name, omitBackground: true })
    await page.close()
  }
} finally {
  await browser.close()
}

import { existsSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import express, { type RequestHandler, Router } from 'express'
import helmet from 'helmet'
import { UxbridgeError } from '#shared/errors.ts'

/**
 * Headers of every answer. The board is built by us and loads nothing from elsewhere, so everything but our own files
 * is forbidden, inline scripts and styles too. `data:` images are small icons that the build inlines.
 * @param https whether people reach us over TLS: only then may a browser be told to insist on it
 */
export function securityHeaders(https: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        workerSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(https ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: https ? { maxAge: 365 * 24 * 3600, includeSubDomains: false } : false,
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  }) as RequestHandler
}

/** Hands out the smaller copies that the build put beside its files, where the browser reads them. */
function smaller(assets: string): RequestHandler {
  const copies = new Set(existsSync(assets) ? readdirSync(assets).filter((name) => name.endsWith('.br')) : [])
  return (request, response, next) => {
    const name = request.path.slice(1)
    if (copies.has(`${name}.br`)) {
      response.vary('Accept-Encoding')
      if (request.acceptsEncodings('br') === 'br') {
        response.type(extname(name))
        response.setHeader('Content-Encoding', 'br')
        request.url = `/${name}.br`
      }
    }
    next()
  }
}

/**
 * The built board: hashed files may be kept for ever, `index.html` is asked for each time. Any other address that a
 * browser opens is a page of the board, which finds its own way.
 */
export function makeSite(staticDir: string): RequestHandler {
  const site = Router()
  const index = join(staticDir, 'index.html')
  site.use('/assets', smaller(join(staticDir, 'assets')))
  site.use(
    '/assets',
    express.static(join(staticDir, 'assets'), {
      immutable: true,
      maxAge: '1y',
      fallthrough: true,
      index: false,
      redirect: false,
    }),
  )
  site.use('/assets', () => {
    throw new UxbridgeError('not-found', 'There is no such file; the board was built again. Reload the page.')
  })
  site.use(
    express.static(staticDir, {
      index: false,
      redirect: false,
      setHeaders: (response) => response.setHeader('Cache-Control', 'no-cache'),
    }),
  )
  site.use((request, response, next) => {
    const isPage =
      (request.method === 'GET' || request.method === 'HEAD') && (request.headers.accept ?? '').includes('text/html')
    if (!isPage) return next()
    if (!existsSync(index))
      return next(new UxbridgeError('not-found', 'The board is not built. Start with "npm start", which builds it.'))
    response.setHeader('Cache-Control', 'no-cache')
    response.sendFile(index, { cacheControl: false })
  })
  return site
}

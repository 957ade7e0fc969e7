// The ceiling: what Express itself allows. It parses the same JSON and drops it; nothing is checked, kept or told.
import express from 'express'

const app = express()
app.disable('x-powered-by')
app.post('/api/v2/alerts', express.json({ limit: '5mb' }), (_request, response) => {
  response.status(200).end()
})
app.get('/-/ready', (_request, response) => {
  response.end()
})
app.listen(Number(process.argv[2]), '127.0.0.1')

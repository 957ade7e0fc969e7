import type { SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { notificationSample, readNotification } from './notification.ts'

const macros: Readonly<Record<string, string>> = {
  type: '$notification.type$',
  host: '$host.name$',
  host_alias: '$host.display_name$',
  host_address: '$host.address$',
  host_state: '$host.state$',
  timestamp: '$icinga.timet$',
  author: '$notification.author$',
  comment: '$notification.comment$',
}
const hostMacros = {
  output: '$host.output$',
  last_state_change: '$host.last_state_change$',
  notes_url: '$host.notes_url$',
}
const serviceMacros = {
  service: '$service.name$',
  service_state: '$service.state$',
  output: '$service.output$',
  last_state_change: '$service.last_state_change$',
  notes_url: '$service.notes_url$',
}

/** Icinga runs commands without a shell, so nothing needs quoting. */
const command = (name: string, more: Readonly<Record<string, string>>) => {
  const parts = Object.entries({ ...macros, ...more }).map(
    ([field, macro]) => `    "--data-urlencode", "${field}=${macro}"`,
  )
  return `object NotificationCommand "${name}" {
  command = [
    "/usr/bin/curl", "-K", "/etc/icinga2/uxbridge.curl",
${parts.join(',\n')}
  ]
}`
}

export const icinga: SourceKind = {
  kind: 'icinga',
  title: 'Icinga 2',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'icinga/intake',
      door: 'intake',
      maxBytes: 256 * 1024,
      mediaTypes: null,
      parse: readNotification,
      refuse: houseRefusal,
    },
  ],
  sample: notificationSample,
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'Notification commands and rules, on the Icinga server (paths as on Debian)',
      language: 'shell',
      text: `install -m 640 -g nagios /dev/null /etc/icinga2/uxbridge.curl
cat > /etc/icinga2/uxbridge.curl <<'EOF'
url = "${baseUrl}/intake/${sourceId}"
header = "Authorization: Bearer ${key}"
silent
show-error
fail
max-time = 20
retry = 3
output = "/dev/null"
EOF
cat > /etc/icinga2/conf.d/uxbridge.conf <<'EOF'
${command('uxbridge-host', hostMacros)}
${command('uxbridge-service', serviceMacros)}
object User "uxbridge" { }
apply Notification "uxbridge" to Host {
  command = "uxbridge-host"
  users = [ "uxbridge" ]
  interval = 0
  assign where true
}
apply Notification "uxbridge" to Service {
  command = "uxbridge-service"
  users = [ "uxbridge" ]
  interval = 0
  assign where true
}
EOF
icinga2 daemon -C && systemctl reload icinga2
`,
    },
  ],
}

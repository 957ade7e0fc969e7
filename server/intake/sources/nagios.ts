import type { SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { notificationSample, readNotification } from './notification.ts'

/**
 * The command definition is ours: curl reads address and key from a file, so that no list of processes shows them, and
 * each macro stands in single quotes, which Nagios takes out of what plugins print (illegal_macro_output_chars).
 */
const form = (kind: 'HOST' | 'SERVICE') => {
  const parts: Record<string, string> = {
    type: '$NOTIFICATIONTYPE$',
    host: '$HOSTNAME$',
    host_alias: '$HOSTALIAS$',
    host_address: '$HOSTADDRESS$',
    host_state: '$HOSTSTATE$',
    host_groups: '$HOSTGROUPNAMES$',
    output: `$${kind}OUTPUT$`,
    long_output: `$LONG${kind}OUTPUT$`,
    last_state_change: `$LAST${kind}STATECHANGE$`,
    timestamp: '$TIMET$',
    author: '$NOTIFICATIONAUTHOR$',
    comment: '$NOTIFICATIONCOMMENT$',
    notes_url: `$${kind}NOTESURL$`,
  }
  if (kind === 'SERVICE')
    Object.assign(parts, {
      service: '$SERVICEDESC$',
      service_state: '$SERVICESTATE$',
      service_groups: '$SERVICEGROUPNAMES$',
    })
  return Object.entries(parts)
    .map(([name, macro]) => `--data-urlencode '${name}=${macro}'`)
    .join(' ')
}

export const nagios: SourceKind = {
  kind: 'nagios',
  title: 'Nagios',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'nagios/intake',
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
      title: 'Notification commands and a contact, on the Nagios server (paths as on Debian)',
      language: 'shell',
      text: `# illegal_macro_output_chars in nagios.cfg must hold the single quote, as it does from the start.
install -m 640 -g nagios /dev/null /etc/nagios4/uxbridge.curl
cat > /etc/nagios4/uxbridge.curl <<'EOF'
url = "${baseUrl}/intake/${sourceId}"
header = "Authorization: Bearer ${key}"
silent
show-error
fail
max-time = 20
retry = 3
output = "/dev/null"
EOF
cat > /etc/nagios4/conf.d/uxbridge.cfg <<'EOF'
define command {
  command_name  uxbridge-host
  command_line  /usr/bin/curl -K /etc/nagios4/uxbridge.curl ${form('HOST')}
}
define command {
  command_name  uxbridge-service
  command_line  /usr/bin/curl -K /etc/nagios4/uxbridge.curl ${form('SERVICE')}
}
define contact {
  contact_name                   uxbridge
  host_notification_period       24x7
  service_notification_period    24x7
  host_notification_options      d,u,r,f,s
  service_notification_options   w,u,c,r,f,s
  host_notification_commands     uxbridge-host
  service_notification_commands  uxbridge-service
}
EOF
# Then add the contact "uxbridge" to a contact group that your hosts and services use, and:
nagios4 -v /etc/nagios4/nagios.cfg && systemctl reload nagios4
`,
    },
  ],
}

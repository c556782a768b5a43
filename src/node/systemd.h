#ifndef SRC_NODE_SYSTEMD_H
#define SRC_NODE_SYSTEMD_H
/* What systemd wants to hear of a service (sd_notify(3)): one datagram to the
 * socket of $NOTIFY_SOCKET. Without that variable nothing happens. */
#include <stdbool.h>

void systemd_notify(const char *state); /* "READY=1" */
/* stderr goes to the journal: lines carry <N> priorities, and no times. */
bool systemd_has_journal(void);
#endif

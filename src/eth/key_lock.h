#ifndef SRC_ETH_KEY_LOCK_H
#define SRC_ETH_KEY_LOCK_H
/* One process per key: two that count nonces for one account take them from
 * each other, and two that sign tickets for it spend a deposit twice. A name
 * in the kernel is held, not a file: an abstract Unix socket is one for the
 * whole machine whoever runs it, from whatever data directory or copy of the
 * keystore, private /tmp or not; nothing is left behind by kill -9, and no
 * read-only keystore is in the way. What it does not see: another machine, and
 * containers with a network of their own. There a foreign nonce tells
 * (src/eth/jobs). */
#include "src/base/err.h"
#include "src/model/id.h"

struct key_lock;

/* ERR_BUSY: another process holds it; the text says who. */
struct err *key_lock_take(struct eth_addr account, struct key_lock **out) must_check;
void key_lock_release(struct key_lock *l); /* NULL ok */
#endif

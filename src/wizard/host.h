#ifndef SRC_WIZARD_HOST_H
#define SRC_WIZARD_HOST_H
/* A node inside the wizard, with all that a node needs of its process: a data
 * directory that nobody else has, a board, a log. main's thread. */
#include "src/base/board.h"
#include "src/node/config.h"
#include "src/node/node.h"

struct host;

/* Takes the configuration, whose data directory is made; signer is borrowed, NULL
 * off chain. It listens when this returns. */
struct err *host_open(struct config *taken, const struct signer *signer,
	struct host **out) must_check;
void host_close(struct host *h); /* NULL ok */
struct node *host_node(const struct host *h);
struct board *host_board(const struct host *h);
#endif

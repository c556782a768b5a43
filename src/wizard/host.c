#include "src/wizard/host.h"

#include <stdlib.h>

#include "src/base/journal.h"
#include "src/node/chronicle.h"
#include "src/node/datadir.h"

#define LOG_RECORDS 1000

struct host {
	struct config *config;
	struct datadir *datadir;
	struct journal *journal;
	struct board *board;
	struct log *log;
	struct node *node;
};

struct err *host_open(struct config *taken, const struct signer *signer, struct host **out)
{
	struct host *h = XNEW(struct host);
	char *dir = config_datadir(taken);
	struct err *e = datadir_take(dir, &h->datadir);

	h->config = taken;
	free(dir);
	h->journal = journal_new(LOG_RECORDS);
	h->board = board_new(BOARD_SLOTS);
	h->log = log_new("migrate", h->journal);
	if (!e)
		e = node_start(h->config, signer, h->log, h->board, &h->node);
	if (e)
		host_close(TAKE(h));
	*out = h;
	return e;
}

void host_close(struct host *h)
{
	if (!h)
		return;
	node_stop(h->node);
	log_free(h->log);
	board_free(h->board);
	journal_free(h->journal);
	datadir_release(h->datadir);
	config_free(h->config);
	free(h);
}

struct node *host_node(const struct host *h)
{
	return h->node;
}

struct board *host_board(const struct host *h)
{
	return h->board;
}

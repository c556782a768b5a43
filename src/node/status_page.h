#ifndef SRC_NODE_STATUS_PAGE_H
#define SRC_NODE_STATUS_PAGE_H
/* The page on -cliAddr: what go-livepeer's scripts and monitors GET from it,
 * answered from the board. It changes nothing: go-livepeer's own lets any page
 * in a browser on the machine give orders (#1004 of its issues), this one has none to
 * give, and answers only to names that are its own. On the net actor. */
#include "src/base/board.h"
#include "src/net/net.h"

struct status_page;

/* Board and net must outlive it. */
struct err *status_page_start(struct net *n, struct board *board, const char *address,
	struct status_page **out) must_check;
/* As bound: "127.0.0.1:7935". */
const char *status_page_address(const struct status_page *p);
/* After the net has ended. NULL ok. */
void status_page_free(struct status_page *p);

/* Whether a request's Host may be answered: an address, "localhost", or the
 * host we listen on. Any other name is a web page's, pointed at us (DNS
 * rebinding). */
bool status_page_host_is_ours(const char *host, const char *listening);
#endif

#ifndef SRC_NODE_WATCH_H
#define SRC_NODE_WATCH_H
/* The node's watchman: has the alarms' rules look at what the node knows of
 * itself, keeps their book over restarts, and tells the log, the hook and the
 * webhook what is new. Lives on the overview's actor: all functions there, but
 * for new and free. */
#include "src/alarm/rules.h"
#include "src/base/actor.h"
#include "src/model/view.h"
#include "src/node/node_private.h"

struct watch;

/* What is wrong with the database or a flag is said, and no reason not to run. */
struct watch *watch_new(struct node *n, struct actor *on);
/* Once a second. f: what the roles said; the rest is filled in here. */
void watch_round(struct watch *w, struct alarm_facts *f);
/* Into the node's view: what holds or is unseen, and the past. */
void watch_rows(const struct watch *w, struct view_node *view);
/* id NULL or "": all. How many were unseen. */
size_t watch_ack(struct watch *w, const char *id);
void watch_stop(struct watch *w); /* NULL ok */
void watch_free(struct watch *w); /* when the actor has ended; NULL ok */
#endif

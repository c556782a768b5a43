#ifndef SRC_ALARM_NEWS_H
#define SRC_ALARM_NEWS_H
/* What hooks and webhooks are told: one alarm's news as flat fields, for JSON
 * (struct alarm_notice of view.def) and for WEIR_ALARM_* in an environment.
 * Made of the table's and the node's own texts, peers' bytes made harmless; no
 * flag's value is ever part of it. Pure. */
#include "src/alarm/book.h"
#include "src/base/str.h"
#include "src/model/view.h"

/* Fills a zeroed notice; view_clear() it. node: where it happens, as the
 * operator knows it. */
void alarm_notice(struct alarm_notice *out, const struct alarm *a, enum alarm_news news,
	const char *node, const char *network, int64_t wall_ms);
/* "raised", "over", "seen" */
const char *alarm_news_name(enum alarm_news news);
/* "WEIR_ALARM_ID=chain-late" and so on, each on the heap; NULL ends, which the
 * caller frees with all of them. `inherited`: what the node's own environment
 * passes on. */
char **alarm_environment(const struct alarm_notice *n, char *const *inherited);
#endif

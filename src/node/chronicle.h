#ifndef SRC_NODE_CHRONICLE_H
#define SRC_NODE_CHRONICLE_H
/* The node's recent history in numbers: reads what roles and money views say,
 * cuts it into samples (meter.h), keeps an hour and a day of them
 * (src/model/trend.h), and publishes them for consoles. It survives a restart:
 * every five minutes, and at the end, all of it is one value in table kv, so a
 * node that was killed lacks five minutes at most; the time it did not run is a
 * gap. Belongs to the overview's actor.
 *
 * Its clock begins as Unix time and never jumps: a clock that is set while the
 * node runs moves nothing, and one that went back between two runs leaves no
 * gap. */
#include "src/base/board.h"
#include "src/base/log.h"
#include "src/model/view.h"
#include "src/role/totals.h"

/* The slot after the sections': a blob that is one struct trend. */
#define BOARD_TREND SECTION_COUNT
#define BOARD_SLOTS (SECTION_COUNT + 1)
#define CHRONICLE_KEY "trend" /* in table kv */

struct chronicle;
struct history;

/* kept: the value of CHRONICLE_KEY, or NULL. */
struct chronicle *chronicle_new(const struct log *log, struct board *board,
	struct history *history, const char *kept);
void chronicle_free(struct chronicle *c); /* keeps what there is; NULL ok */
/* About once a second. Of the roles that did something the busiest counts: one
 * segment passes through two of them. cpu_ms: since the node started. */
void chronicle_tick(struct chronicle *c, const struct totals *roles, size_t n,
	int64_t cpu_ms);
#endif

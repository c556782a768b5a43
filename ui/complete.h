#ifndef UI_COMPLETE_H
#define UI_COMPLETE_H
/* What the last word of a command line can become: commands and words, choices,
 * and what the mirror knows: ids of transcoders, sessions, transactions, locks;
 * addresses; flags; presets. Pure. */
#include "ui/mirror.h"

struct completion {
	struct str rest; /* what all candidates go on with */
	struct str list; /* the candidates, blanks between; bounded */
	size_t count;
	bool ends; /* a blank belongs behind the only one */
	/* Nothing fits: what the command wants, and what it does; "" none. */
	struct str usage;
};

void completion_find(struct completion *x, const struct mirror *m, const char *line);
void completion_clear(struct completion *x);
#endif

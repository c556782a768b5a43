#ifndef UI_INTENT_H
#define UI_INTENT_H
/* What a room or a form would like done: it does nothing to the world itself.
 * Whoever gets one owns its text and its form. */
#include "src/base/str.h"

struct form;

enum intent_kind {
	INTENT_NONE,	/* not my action */
	INTENT_REDRAW,	/* my state has changed */
	INTENT_COMMAND, /* text: command lines, to be confirmed by their tier */
	INTENT_PROMPT,	/* text: what stands in the ':' line to begin with */
	INTENT_LOG,	/* text: show the log with this filter */
	INTENT_MESSAGE, /* text: for the message line */
	INTENT_PAPER,	/* text: a title, and below it lines to be read */
	INTENT_FORM,	/* form: to be filled in */
	INTENT_SECRET,	/* text: to be sent as the answer to the question `number` */
};

struct intent {
	enum intent_kind kind;
	char *text; /* heap; NULL for NONE, REDRAW and FORM */
	struct form *form;
	int64_t number;
};

struct intent intent(enum intent_kind kind);
struct intent intentf(enum intent_kind kind, const char *fmt, ...)
	printf_like(2, 3);
struct intent intent_form(struct form *taken);
#endif

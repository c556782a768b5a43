#ifndef UI_PROMPT_H
#define UI_PROMPT_H
/* One line of input at the bottom of the screen: a command after ':', a filter
 * after '/', or what to seek. Editing, history of each kind, completion of words. Pure;
 * one owner. */
#include "ui/line_history.h"
#include "ui/line.h"
#include "ui/mirror.h"

enum prompt_kind { PROMPT_COMMAND, PROMPT_FILTER, PROMPT_FIND, PROMPT_KINDS };
enum prompt_event {
	PROMPT_NOTHING,
	PROMPT_CHANGED, /* the text is another: a filter applies at once */
	PROMPT_DONE,	/* Enter; prompt_text() stays until the next open */
	PROMPT_GONE,	/* given up */
	PROMPT_ASKS,	/* for help about its keys */
};

struct prompt {
	bool active;
	enum prompt_kind kind;
	struct line line;
	struct line_history history[PROMPT_KINDS];
	size_t recall; /* entries back; 0 is the line being written */
	char *sought;  /* what ^R looks for; NULL: it does not */
	char *hint;    /* what completion could not decide; heap */
};

void prompt_clear(struct prompt *p);
void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text);
const char *prompt_text(const struct prompt *p);
/* m: completion knows its ids, addresses and flags. */
enum prompt_event prompt_key(struct prompt *p, const struct mirror *m,
	int key);
/* Draws the line; returns the cursor's column. */
int prompt_draw(const struct prompt *p, struct canvas *c, struct rect r);
#endif

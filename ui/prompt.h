#ifndef UI_PROMPT_H
#define UI_PROMPT_H
/* One line of input at the bottom of the screen: a command after ':', a filter
 * after '/', or what to seek. Editing, history of each kind, completion of words. Pure;
 * one owner. */
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

#define PROMPT_HISTORY 50

struct prompt {
	bool active;
	enum prompt_kind kind;
	struct line line;
	char *history[PROMPT_KINDS][PROMPT_HISTORY];
	size_t history_n[PROMPT_KINDS];
	size_t recall; /* entries back; 0 is the line being written */
	char *hint;    /* what completion could not decide; heap */
};

void prompt_clear(struct prompt *p);
void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text);
const char *prompt_text(const struct prompt *p);
/* m: completion knows the transcoders' and sessions' ids. */
enum prompt_event prompt_key(struct prompt *p, const struct mirror *m,
	int key);
/* Draws the line; returns the cursor's column. */
int prompt_draw(const struct prompt *p, struct canvas *c, struct rect r);
#endif

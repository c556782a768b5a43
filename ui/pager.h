#ifndef UI_PAGER_H
#define UI_PAGER_H
/* A text of several lines over the room, to be read and put away: what the node
 * answers to a question of the ':' line. Wide lines are not broken, for most are
 * tables. Pure; one owner; zeroed it is closed. */
#include "ui/canvas.h"

struct pager {
	char *title, *text; /* text NULL: closed */
	int top, left;	    /* the first line and column shown */
	int page;	    /* lines of the last draw */
};

void pager_open(struct pager *p, const char *title, char *taken_text);
void pager_close(struct pager *p);
/* Moves in it; any other key closes it. */
void pager_key(struct pager *p, int key);
void pager_draw(struct pager *p, struct canvas *c, struct rect r);
#endif

#ifndef UI_CONFIRM_H
#define UI_CONFIRM_H
/* Asking before acting, by the tier of the commands: Enter for what can be taken
 * back, the command's own name typed out for what cannot, the last digits of an
 * address for money; and the question Q asks. Several commands are asked about
 * at once, each in a line of its own. The keys are those of CONTEXT_CONFIRM,
 * CONTEXT_TYPED and CONTEXT_LEAVING. Pure; one owner. */
#include "proto/command.h"
#include "ui/canvas.h"
#include "ui/keys.h"
#include "ui/mirror.h"

enum confirm_kind { CONFIRM_NONE, CONFIRM_COMMANDS, CONFIRM_QUIT };
enum confirm_event {
	CONFIRM_WAIT,
	CONFIRM_NO,
	CONFIRM_YES,	/* the commands may go */
	CONFIRM_DETACH, /* the answers to Q */
	CONFIRM_STOP,
	CONFIRM_ASKS,	/* for help about its keys */
};

/* A command and the line it came from; owned. */
struct order {
	struct command command;
	char *line;
};
void order_clear(struct order *o);

struct confirm {
	enum confirm_kind kind;
	struct order *orders;
	size_t n;
	char *word;  /* to be typed; NULL: Enter will do */
	char *lines; /* what it is about, when that is more than one line */
	bool money;
	int scroll;
	struct str typed;
};

void confirm_clear(struct confirm *f);
/* Takes the orders: an array of n, at least one. */
void confirm_orders(struct confirm *f, struct order *taken, size_t n);
/* What the node asks about; takes the texts of the n questions, not the array. */
void confirm_questions(struct confirm *f, struct question *taken, size_t n);
void confirm_quit(struct confirm *f);
/* Whose keys are heard. */
enum context confirm_context(const struct confirm *f);
enum confirm_event confirm_key(struct confirm *f, int key);
void confirm_draw(struct confirm *f, struct canvas *c);
#endif

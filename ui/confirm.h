#ifndef UI_CONFIRM_H
#define UI_CONFIRM_H
/* Asking before acting, by the tier of the command: Enter for what can be
 * taken back, the command's own name typed out for what cannot, the last digits
 * of an address for money; and the question Q asks. Pure; one owner. */
#include "proto/command.h"
#include "ui/canvas.h"
#include "ui/keys.h"
#include "ui/mirror.h"

enum confirm_kind { CONFIRM_NONE, CONFIRM_COMMAND, CONFIRM_QUIT };
enum confirm_event {
	CONFIRM_WAIT,
	CONFIRM_NO,
	CONFIRM_YES,	/* the command may go */
	CONFIRM_DETACH, /* the answers to Q */
	CONFIRM_STOP,
};

struct confirm {
	enum confirm_kind kind;
	struct command command; /* owned */
	char *line;		/* as it was given; owned */
	char *word;		/* to be typed; owned; NULL: Enter will do */
	char *summary;		/* of money; owned; NULL none */
	struct str typed;
};

void confirm_clear(struct confirm *f);
/* Takes the command. */
void confirm_command(struct confirm *f, struct command *taken,
	const char *line);
/* What the node asks about; takes its texts. */
void confirm_question(struct confirm *f, struct question *taken);
void confirm_quit(struct confirm *f);
enum confirm_event confirm_key(struct confirm *f, int key);
void confirm_draw(const struct confirm *f, struct canvas *c);
#endif

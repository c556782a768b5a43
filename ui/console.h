#ifndef UI_CONSOLE_H
#define UI_CONSOLE_H
/* The console: a process of its own, with a terminal and a socket to the node,
 * which does not notice whether it is there. Single-threaded: one poll() over
 * both and the signals; it sleeps until one of them has something, draws at
 * once for a key and four times a second at most for data, and ends within a
 * second of losing its terminal. */
#include "ui/term.h"

struct console_options {
	const char *socket;
	const char *datadir; /* whose node is offered beside those found; NULL none */
	const char *label;  /* the node's name in the title bar; NULL: none */
	/* Roles that flags asked for of a node that runs already, "a, b": one that it
	 * does not have is told. NULL: none. */
	const char *roles;
	const char *script; /* file of keys to play first; NULL: none */
	bool readonly;
	bool ascii;
	bool bell; /* rings once for each new alarm */
	enum color color;
};

/* Runs until the operator leaves; the exit status: 0, or 2 when there is no
 * node or no usable terminal. */
int console_main(const struct console_options *o);
/* Prints what the console shows, as text or as one JSON object of sections;
 * 0: all well, 1: an alarm holds, 2: no node. */
int status_main(const char *socket, bool json);
struct order_options {
	bool readonly; /* only look */
	bool yes;      /* what the node asks before it acts on the chain is confirmed */
	bool dry_run;  /* what it asks is shown, and left as it was */
};
/* `weir <command> arguments`: argv[0] is the command; 0: done or accepted, 1:
 * refused, or left as it was, 2: no node or no such command. A query may say
 * how bad things are: 0, 1, 2. */
int order_main(const char *socket, const struct order_options *o, int argc, char **argv);
#endif

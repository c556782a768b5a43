#include "src/node/passphrase.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "src/base/secret.h"
#include "src/base/str.h"

void passphrase_free(char *p)
{
	secret_free(p, PASSPHRASE_SIZE);
}

/* --- from people --- */

static int open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC);
}

/* A process in the background would be stopped for touching the terminal. */
bool passphrase_can_ask(void)
{
	int fd = open_terminal();
	bool can = fd >= 0 && tcgetpgrp(fd) == getpgrp();

	if (fd >= 0)
		close(fd);
	return can;
}

/* The terminal while it shows nothing. Signals that would end or stop the
 * process, and leave the terminal so, wait in `signals`. */
struct asking {
	int terminal, signals;
	struct termios was;
	sigset_t blocked;
};

static struct err *start_asking(struct asking *a)
{
	struct termios quiet;
	sigset_t set;

	a->signals = -1;
	a->terminal = open_terminal();
	if (a->terminal < 0 || tcgetattr(a->terminal, &a->was) != 0)
		return err_sys(errno, "no terminal to ask for a password on");
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	a->signals = signalfd(-1, &set, SFD_CLOEXEC);
	sigaddset(&set, SIGTSTP); /* not read: it happens when the prompt is over */
	sigprocmask(SIG_BLOCK, &set, &a->blocked);
	quiet = a->was;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON;
	if (a->signals >= 0 && tcsetattr(a->terminal, TCSAFLUSH, &quiet) == 0)
		return NULL;
	return err_sys(errno, "terminal");
}

static void stop_asking(struct asking *a)
{
	if (a->signals >= 0) {
		tcsetattr(a->terminal, TCSAFLUSH, &a->was);
		(void)!write(a->terminal, "\n", 1);
		close(a->signals);
		sigprocmask(SIG_SETMASK, &a->blocked, NULL);
	}
	if (a->terminal >= 0)
		close(a->terminal);
}

/* false: a signal came. */
static bool wait_for_byte(const struct asking *a)
{
	struct pollfd fds[] = {{a->terminal, POLLIN, 0}, {a->signals, POLLIN, 0}};
	struct signalfd_siginfo info;

	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	if (!(fds[1].revents & POLLIN))
		return true;
	(void)!read(a->signals, &info, sizeof(info));
	return false;
}

/* One line, by single bytes: nothing of it stays in a buffer of stdio's. */
static struct err *read_line(const struct asking *a, char *out)
{
	size_t n = 0;
	char c = 0;
	ssize_t got = 0;

	for (;;) {
		if (!wait_for_byte(a))
			return err_new(ERR_CANCELLED, "interrupted");
		got = read(a->terminal, &c, 1);
		if (got != 1 || c == '\n' || c == '\r')
			break;
		if (n + 1 == PASSPHRASE_SIZE)
			return err_new(ERR_LIMIT, "a password has at most %d bytes",
				PASSPHRASE_SIZE - 1);
		out[n++] = c;
	}
	secret_wipe(&c, 1);
	if (got < 0)
		return err_sys(errno, "terminal");
	return got || n ? NULL : err_new(ERR_CANCELLED, "no password was given");
}

static bool was_asked;

bool passphrase_was_asked(void)
{
	return was_asked;
}

struct err *passphrase_ask(const char *prompt, char **out)
{
	struct asking a;
	struct err *e = start_asking(&a);

	was_asked = true;
	*out = secret_alloc(PASSPHRASE_SIZE);
	if (!e) {
		(void)!write(a.terminal, prompt, strlen(prompt));
		e = read_line(&a, *out);
	}
	stop_asking(&a);
	if (e)
		passphrase_free(TAKE(*out));
	return e;
}

struct err *passphrase_ask_new(char **out)
{
	char *again = NULL;
	struct err *e = passphrase_ask("Passphrase: ", out);

	if (!e)
		e = passphrase_ask("Repeat passphrase: ", &again);
	if (!e && strcmp(*out, again) != 0)
		e = err_new(ERR_INVALID, "passphrases do not match");
	passphrase_free(again);
	if (e)
		passphrase_free(TAKE(*out));
	return e;
}

/* --- from files --- */

static void trim(char *p, size_t n)
{
	size_t start = 0;

	while (n && isspace((unsigned char)p[n - 1]))
		n--;
	while (start < n && isspace((unsigned char)p[start]))
		start++;
	memmove(p, p + start, n - start);
	secret_wipe(p + n - start, PASSPHRASE_SIZE - (n - start));
}

struct err *passphrase_read_fd(int fd, const char *name, char **out)
{
	struct err *e = NULL;
	ssize_t got = 0;
	size_t n = 0;

	*out = secret_alloc(PASSPHRASE_SIZE);
	do {
		got = read(fd, *out + n, PASSPHRASE_SIZE - n);
		n += got > 0 ? (size_t)got : 0;
	} while ((got > 0 && n < PASSPHRASE_SIZE) || (got < 0 && errno == EINTR));
	if (got < 0)
		e = err_sys(errno, "%s", name);
	else if (n == PASSPHRASE_SIZE)
		e = err_new(ERR_LIMIT, "%s: more than %d bytes", name, PASSPHRASE_SIZE - 1);
	else if (memchr(*out, '\0', n))
		e = err_new(ERR_INVALID, "%s: not text", name);
	else
		trim(*out, n);
	if (e)
		passphrase_free(TAKE(*out));
	return e;
}

struct err *passphrase_read(const char *path, char **out, mode_t *mode)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	struct err *e;

	*out = NULL;
	if (fd < 0)
		return err_sys(errno, "password file %s", path);
	if (mode)
		*mode = fstat(fd, &st) == 0 ? st.st_mode & 07777 : 0;
	e = passphrase_read_fd(fd, path, out);
	close(fd);
	return err_wrap(e, "password file");
}

struct err *passphrase_option(const char *value, char **out, bool *literal, mode_t *mode)
{
	struct stat st;
	struct err *e = NULL;

	*out = NULL;
	if (stat(value, &st) == 0 && !S_ISDIR(st.st_mode))
		e = passphrase_read(value, out, mode);
	if (e || (*out && **out)) {
		*literal = false;
		return e;
	}
	/* As in go-livepeer, the name of an empty file is a password. */
	*literal = true;
	if (strlen(value) >= PASSPHRASE_SIZE)
		return err_new(ERR_LIMIT, "a password has at most %d bytes",
			PASSPHRASE_SIZE - 1);
	if (!*out)
		*out = secret_alloc(PASSPHRASE_SIZE);
	memcpy(*out, value, strlen(value));
	return NULL;
}

struct err *passphrase_credential(const char *name, char **out)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	struct str path = STR_INIT;
	struct err *e = NULL;

	*out = NULL;
	if (!dir)
		return NULL;
	str_printf(&path, "%s/%s", dir, name);
	if (access(path.s, F_OK) == 0)
		e = passphrase_read(path.s, out, NULL);
	str_clear(&path);
	return e;
}

/* Passwords from files, and from a person at a terminal of our own making. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "src/base/str.h"
#include "src/node/passphrase.h"
#include "tests/unit/outcome.h"

#define PATIENCE_MS 10000

static char dir[64], file[96];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-passphrase-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(file, sizeof(file), "%s/password", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(dir);
}

static void write_bytes(const void *bytes, size_t n)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0640);

	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static void reads(const char *content, const char *want)
{
	mode_t mode;
	char *p;

	write_bytes(content, strlen(content));
	assert_null(passphrase_read(file, &p, &mode));
	assert_string_equal(p, want);
	assert_int_equal(mode, 0640);
	passphrase_free(p);
}

static void none_is_given(struct err *e, const char *p, const char *part)
{
	assert_null(p);
	refuses(e, part);
}

static void files_are_trimmed_and_bounded(void **state)
{
	char big[PASSPHRASE_SIZE + 1];
	struct err *e;
	char *p;

	(void)state;
	umask(0);
	reads("pass", "pass");
	reads("pass\n", "pass");
	reads(" \t\r\npa ss\r\n", "pa ss");
	reads("\n \n", "");
	reads("", "");
	memset(big, 'x', sizeof(big));
	write_bytes(big, PASSPHRASE_SIZE - 1);
	assert_null(passphrase_read(file, &p, NULL));
	assert_int_equal(strlen(p), PASSPHRASE_SIZE - 1);
	passphrase_free(p);
	write_bytes(big, PASSPHRASE_SIZE);
	e = passphrase_read(file, &p, NULL);
	none_is_given(e, p, "more than 1023 bytes");
	write_bytes("pa\0ss", 5);
	e = passphrase_read(file, &p, NULL);
	none_is_given(e, p, "not text");
	unlink(file);
	e = passphrase_read(file, &p, NULL);
	none_is_given(e, p, "No such file");
	e = passphrase_read(dir, &p, NULL);
	none_is_given(e, p, "Is a directory");
}

static void means(const char *value, const char *want, bool is_literal)
{
	bool literal;
	mode_t mode;
	char *p;

	assert_null(passphrase_option(value, &p, &literal, &mode));
	assert_string_equal(p, want);
	assert_int_equal(literal, is_literal);
	passphrase_free(p);
}

static void an_option_is_a_file_or_itself(void **state)
{
	char fd[32], big[PASSPHRASE_SIZE + 1];
	int fds[2];
	struct err *e;
	bool literal;
	mode_t mode;
	char *p;

	(void)state;
	write_bytes("secret\n", 7);
	means(file, "secret", false);
	write_bytes("\n", 1);
	means(file, file, true);
	means(dir, dir, true);
	means("no/such/file", "no/such/file", true);
	/* -ethPassword <(pass show eth) */
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "piped\n", 6), 6);
	close(fds[1]);
	snprintf(fd, sizeof(fd), "/proc/self/fd/%d", fds[0]);
	means(fd, "piped", false);
	close(fds[0]);
	memset(big, 'x', sizeof(big));
	big[PASSPHRASE_SIZE] = '\0';
	e = passphrase_option(big, &p, &literal, &mode);
	none_is_given(e, p, "at most 1023 bytes");
	if (getuid() != 0) { /* root reads all */
		write_bytes("secret", 6);
		chmod(file, 0);
		e = passphrase_option(file, &p, &literal, &mode);
		none_is_given(e, p, "Permission denied");
	}
}

static void a_credential_may_be_missing(void **state)
{
	char *p;

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_null(passphrase_credential("password", &p));
	assert_null(p);
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	assert_null(passphrase_credential("password", &p));
	assert_null(p);
	write_bytes("cred\n", 5);
	assert_null(passphrase_credential("password", &p));
	assert_string_equal(p, "cred");
	passphrase_free(p);
	unsetenv("CREDENTIALS_DIRECTORY");
}

/* --- a person --- */

struct person {
	pid_t pid;
	int terminal; /* the end at which somebody types */
	struct str seen;
};

/* Runs ask() with a terminal of its own; it exits 0 for "hunter2", 1 for another
 * password, 2 + kind for an error. */
static int ask_once(void)
{
	char *p;
	struct err *e = passphrase_ask("Passphrase: ", &p);
	int code = e ? 2 + (int)err_kind(e) : strcmp(p, "hunter2") != 0;

	passphrase_free(p);
	err_free(e);
	return code;
}

static int ask_new(void)
{
	char *p;
	struct err *e = passphrase_ask_new(&p);
	int code = e ? 2 + (int)err_kind(e) : strcmp(p, "hunter2") != 0;

	passphrase_free(p);
	err_free(e);
	return code;
}

static void sit_down(struct person *p, int (*fn)(void))
{
	p->seen = STR_INIT;
	p->pid = forkpty(&p->terminal, NULL, NULL, NULL);
	assert_true(p->pid >= 0);
	if (p->pid == 0)
		_exit(passphrase_can_ask() ? fn() : 99);
}

/* Waits until the screen shows it, not counting what was there before. */
static void sees(struct person *p, const char *text)
{
	struct pollfd fd = {p->terminal, POLLIN, 0};
	char buf[256];

	while (!strstr(str_cstr(&p->seen), text)) {
		ssize_t n;

		assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
		n = read(p->terminal, buf, sizeof(buf));
		if (n <= 0)
			fail_msg("\"%s\" is not in \"%s\"", text, str_cstr(&p->seen));
		str_addn(&p->seen, buf, (size_t)n);
	}
}

static bool echoes(const struct person *p)
{
	struct termios t;

	assert_int_equal(tcgetattr(p->terminal, &t), 0);
	return t.c_lflag & ECHO;
}

static void types(struct person *p, const char *text)
{
	assert_int_equal(write(p->terminal, text, strlen(text)), strlen(text));
}

/* Its exit status; the terminal is as it was. */
static int leaves(struct person *p)
{
	char buf[256];
	int status;
	ssize_t n;

	while ((n = read(p->terminal, buf, sizeof(buf))) > 0) /* EIO: it is closed */
		str_addn(&p->seen, buf, (size_t)n);
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	assert_true(echoes(p));
	close(p->terminal);
	assert_null(strstr(p->seen.s, "hunter"));
	str_clear(&p->seen);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}

static void a_person_is_asked_without_echo(void **state)
{
	struct person p;

	(void)state;
	sit_down(&p, ask_once);
	sees(&p, "Passphrase: ");
	assert_false(echoes(&p));
	types(&p, "hunter2\n");
	assert_int_equal(leaves(&p), 0);
	sit_down(&p, ask_once);
	sees(&p, "Passphrase: ");
	types(&p, "hunter1\x7f" "2\n"); /* corrected on the way */
	assert_int_equal(leaves(&p), 0);
	sit_down(&p, ask_once);
	sees(&p, "Passphrase: ");
	types(&p, "\n");
	assert_int_equal(leaves(&p), 1);
}

static void a_new_one_is_asked_twice(void **state)
{
	struct person p;

	(void)state;
	sit_down(&p, ask_new);
	sees(&p, "Passphrase: ");
	types(&p, "hunter2\n");
	sees(&p, "Repeat passphrase: ");
	types(&p, "hunter2\n");
	assert_int_equal(leaves(&p), 0);
	sit_down(&p, ask_new);
	sees(&p, "Passphrase: ");
	types(&p, "hunter2\n");
	sees(&p, "Repeat passphrase: ");
	types(&p, "hunter3\n");
	assert_int_equal(leaves(&p), 2 + ERR_INVALID);
}

/* The terminal echoes again: leaves() looks. */
static void leaving_leaves_the_terminal_as_it_was(void **state)
{
	struct person p;

	(void)state;
	sit_down(&p, ask_once);
	sees(&p, "Passphrase: ");
	types(&p, "hunt\x03"); /* ^C */
	assert_int_equal(leaves(&p), 2 + ERR_CANCELLED);
	sit_down(&p, ask_once);
	sees(&p, "Passphrase: ");
	types(&p, "\x04"); /* ^D */
	assert_int_equal(leaves(&p), 2 + ERR_CANCELLED);
	sit_down(&p, ask_once);
	sees(&p, "Passphrase: ");
	assert_int_equal(kill(p.pid, SIGTERM), 0);
	assert_int_equal(leaves(&p), 2 + ERR_CANCELLED);
}

static void too_much_is_refused(void **state)
{
	char line[PASSPHRASE_SIZE + 2];
	struct person p;

	(void)state;
	memset(line, 'h', sizeof(line));
	line[PASSPHRASE_SIZE] = '\n';
	line[PASSPHRASE_SIZE + 1] = '\0';
	sit_down(&p, ask_once);
	sees(&p, "Passphrase: ");
	types(&p, line);
	assert_int_equal(leaves(&p), 2 + ERR_LIMIT);
}

static void without_a_terminal_nobody_is_asked(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		char *p;
		struct err *e;

		setsid();
		if (passphrase_can_ask())
			_exit(1);
		e = passphrase_ask("Passphrase: ", &p);
		_exit(!e || p || !strstr(err_text(e), "no terminal"));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(files_are_trimmed_and_bounded),
		T(an_option_is_a_file_or_itself),
		T(a_credential_may_be_missing),
		T(a_person_is_asked_without_echo),
		T(a_new_one_is_asked_twice),
		T(leaving_leaves_the_terminal_as_it_was),
		T(too_much_is_refused),
		T(without_a_terminal_nobody_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

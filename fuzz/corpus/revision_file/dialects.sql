-- revision: a
-- revises: b, c
-- branch_labels: d

-- upgrade sqlite
create trigger t after insert on a begin select 1; select 2; end;
-- upgrade postgresql
create function f() returns int language sql begin atomic select 1; end; -- katip: no-transaction
do $x$ begin null; end $x$;
-- downgrade
drop table if exists "a;b"; -- katip: allow drop-table

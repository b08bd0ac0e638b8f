-- renamed_from: x
create table y ( -- renamed_from: q
 a, b -- renamed_from: c
); alter table y drop column b, add c int not null, rename to z; 'open
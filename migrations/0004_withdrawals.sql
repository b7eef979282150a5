-- When an article that had been withdrawn was put back: it is matched anew from then on, and no older match of it is owed to anybody.
alter table article add column restored_at timestamptz;

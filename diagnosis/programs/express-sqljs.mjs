// An ORM reads many rows from SQLite, which is WebAssembly here.
// packages: express@5.3.0 drizzle-orm@0.45.4 sql.js@1.16.0
// requests: GET /users
// advice: toThread(readUsers
import { drizzle } from "drizzle-orm/sql-js";
import { integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import express from "express";
import initSqlJs from "sql.js";

const users = sqliteTable("users", { id: integer("id").primaryKey(), name: text("name"), city: text("city"), score: real("score") });
const SQL = await initSqlJs();
const database = new SQL.Database();
database.run("create table users (id integer primary key, name text, city text, score real)");
database.run("with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000) insert into users select i, 'User ' || i, 'City ' || (i % 100), i * 1.5 from n");
const db = drizzle(database);

function readUsers() {
  return db.select().from(users).all().length;
}

const app = express();
app.get("/users", (_request, response) => response.json(readUsers()));
app.listen(0, function () { console.log(`port ${this.address().port}`); });

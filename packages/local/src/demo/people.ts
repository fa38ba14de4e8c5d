/** Names from many languages, so that pages meet realistic names. */
const given = [
  "Amara",
  "Jonas",
  "Mei",
  "Tariq",
  "Sofía",
  "Oluwaseun",
  "Ingrid",
  "Ravi",
  "Chloé",
  "Yusuf",
  "Hana",
  "Mateusz",
  "Leila",
  "Björn",
  "Priya",
  "Duc",
  "Zuzana",
  "Kwame",
  "Aoife",
  "Emre",
  "Noor",
  "Luca",
  "Anouk",
  "Sanjay",
  "Greta",
  "Malik",
  "Isabela",
  "Tomás",
  "Ekaterina",
  "Femi",
  "Siobhán",
  "Kenji",
  "Rania",
  "Willem",
  "Thandiwe",
  "Ágnes",
  "Omar",
  "Freja",
  "Nikos",
  "Camila",
];
const family = [
  "Okafor",
  "Lindgren",
  "Chen",
  "Haddad",
  "Fernández",
  "Adeyemi",
  "Sørensen",
  "Iyer",
  "Moreau",
  "Demir",
  "Sato",
  "Kowalski",
  "Rahimi",
  "Eriksson",
  "Sharma",
  "Nguyễn",
  "Novák",
  "Mensah",
  "O’Brien",
  "Yılmaz",
  "van der Berg",
  "Rossi",
  "Dubois",
  "Patel",
  "Schneider-Wiedemann",
  "Diallo",
  "Oliveira",
  "Navarro",
  "Petrova",
  "Balogun",
  "Murphy",
  "Tanaka",
  "Khoury",
  "de Vries",
  "Dlamini",
  "Szabó",
  "Farouk",
  "Mikkelsen",
  "Papadopoulos",
  "Rojas",
];
const departments = ["Engineering", "Design", "Operations", "Customer support", null];

export interface DemoPerson {
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
  readonly department: string | null;
}

export function learnerAt(index: number, domain: string): DemoPerson {
  const givenName = given[index % given.length] ?? "Amara";
  const familyName = family[(index * 7 + Math.floor(index / given.length)) % family.length] ?? "Okafor";
  return {
    givenName,
    familyName,
    email: `learner${String(index + 1).padStart(3, "0")}@${domain}`,
    department: departments[index % departments.length] ?? null,
  };
}

export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// SPDX-License-Identifier: Apache-2.0
// The grammar of policies; language.md says what each construct means (its numbers stand beside the rules).
// Every choice is made on one token, a few on two, so reading is linear whatever the text. Two things are left to parse.cc:
// what stands in parentheses is read as a condition or a value alike and told apart afterwards, and an id (1.6), which may look
// like several tokens, is cut from the text by the lexer where only an id can stand: in a scenario after `of`, `by` and their commas.
grammar Ringfence;
@parser::members { static const antlr4::dfa::Vocabulary& words() { return _vocabulary; } }

document  : policy statement* EOF ;                                                             // 2
policy    : POLICY TEXT VERSION TEXT (CITE TEXT)? ;                                             // 2.1
statement : asset | roles | purposes | evidences | entity | external | account | bucket | fact | machine
          | calendar | fence | allow | deny | floorRule | limitRule | invariant | scenario ;

asset     : ASSET name DECIMALS NUMBER TEXT? ;                                                  // 2.2
roles     : ROLE nameList ;                                                                     // 2.3
purposes  : PURPOSE nameList ;                                                                  // 2.4
evidences : EVIDENCE nameList ;                                                                 // 2.5
entity    : ENTITY name MANY? ;                                                                 // 2.6
external  : EXTERNAL place TEXT? ;                                                              // 2.7
account   : ACCOUNT place TEXT? ;                                                               // 2.8
bucket    : BUCKET place (IN place)? (MAY OVERDRAW)? TEXT? ;                                    // 2.9
fact      : FACT name (OF subject)? COLON factType (FROM bound TO bound)? (COMMA FRESH WITHIN duration)? TEXT? ;  // 2.10
factType  : AMOUNT OF name | NUMBER_WORD | RATIO | FLAG | INSTANT_WORD | DURATION ;
bound     : MINUS? literal ;
machine   : MODE OF subject COLON nameList (transition | deadline)* ;                           // 2.11
transition: (ANY | name) ARROW name BY whoever clause* ;
deadline  : name MUST END (WITHIN duration | BY TIME_OF_DAY ON businessDay OF name) COMMA ELSE name clause* ;  // 2.12
businessDay : THE (SAME | NEXT) BUSINESS DAY | BUSINESS DAY NUMBER ;
calendar  : CALENDAR name IN TEXT (CLOSED nameList)? (HOLIDAYS TEXT)? FROM NUMBER TO NUMBER ;    // 2.13

fence     : SEGREGATE (EACH name (IN side)? | side FROM side) (IN CUSTODY)? (CITE TEXT)* ;      // 3
side      : pattern (COMMA pattern)* ;

allow     : ALLOW whatever pattern ARROW pattern (OF nameList)? BY whoever clause* ;            // 4
deny      : DENY whatever pattern ARROW pattern (OF nameList)? (BY whoever)? clause* ;
floorRule : FLOOR pattern GREATER_EQUAL sum (OF nameList)? clause* ;                            // 5.1
limitRule : LIMIT whatever (pattern ARROW pattern)? (PER nameList | IN TOTAL) sum (PER DAY | IN ANY duration) clause* ;  // 5.2
invariant : INVARIANT guard clause* ;                                                           // 3.8
whatever  : ANY PURPOSE | nameList ;
whoever   : ANYONE | nameList ;
clause    : PASSING TITLE | WHEN guard | UNLESS guard | REQUIRES EVIDENCE nameList                // 4.5 to 4.8
          | ENTERING name (OF reference)? | THEN name (OF reference)?
          | CITE TEXT | BECAUSE TEXT | NOTIFY nameList ;

place     : name DOT word (LEFT_BRACKET nameList RIGHT_BRACKET)? ;
subject   : SYSTEM | name (DOT word)? ;
pattern   : STAR | (OTHER | ANY)? name (DOT (STAR | word keys?))? ;                             // 4.2, 4.3
keys      : LEFT_BRACKET key (COMMA key)* RIGHT_BRACKET ;
key       : (OTHER | ANY)? name ;
reference : FROM | TO | SYSTEM | pattern ;                                                      // 6.4

guard     : both (OR both)* ;                                                                   // 6.1
both      : negation (AND negation)* ;
negation  : NOT negation | test ;
test      : MODE (OF reference)? IS NOT? nameList                                               // 6.6
          | APPROVED BY (NUMBER OF)? nameList                                                   // 6.7
          | EVIDENCE nameList                                                                   // 6.8
          | TIME BETWEEN TIME_OF_DAY AND TIME_OF_DAY                                            // 6.9
          | sum (comparator sum)* ;                                                             // 6.2, 6.5
comparator: LESS | LESS_EQUAL | EQUAL | NOT_EQUAL | GREATER_EQUAL | GREATER ;
sum       : product ((PLUS | MINUS) product)* ;
product   : factor (STAR factor)* ;
factor    : MINUS factor | primary ;
primary   : PERCENT OF factor | literal | group | AMOUNT | NOW                                // 6.10
          | BALANCE AFTER? LEFT_PARENTHESIS reference (IN name)? RIGHT_PARENTHESIS              // 6.3
          | TOTAL AFTER? LEFT_PARENTHESIS reference (IN name)? RIGHT_PARENTHESIS
          | name (LEFT_PARENTHESIS reference RIGHT_PARENTHESIS)? ;
group     : LEFT_PARENTHESIS guard RIGHT_PARENTHESIS ;
literal   : NUMBER name? | PERCENT | INSTANT ;                                                  // 1.3, 1.5
duration  : NUMBER name ;                                                                       // 1.5

scenario  : scenarioName step* ;                                                                // 11
scenarioName : SCENARIO TEXT APART? ;
step      : GIVEN MODE OF instance IS name | GIVEN instance HOLDS bound
          | WITH name ids? EQUAL (bound | TRUE_WORD | FALSE_WORD)
          | AT INSTANT
          | transfer expectation
          | CHANGE instance TO name starter expectation
          | TOGETHER transfer* END expectation ;
transfer  : name bound FROM instance TO instance starter ;
starter   : BY ID (AS name)? (APPROVED BY approval (COMMA approval)* | SHOWING EVIDENCE nameList)* ;
approval  : ID AS name (AND name)* ;
expectation : ARROW (ALLOWED | DENIED (BY ID)?) ;
instance  : subject ids? ;
ids       : OF ID (COMMA ID)* ;

nameList  : name (COMMA name)* ;
// 1.2: these words begin no statement, clause or value, so they may be names anywhere ...
name      : NAME | VERSION | DECIMALS | MANY | MAY | OVERDRAW | FRESH | WITHIN | TITLE | NUMBER_WORD | RATIO | FLAG | DAY | BETWEEN
          | AFTER | HOLDS | ALLOWED | DENIED | SHOWING | AS | INSTANT_WORD | DURATION | ELSE | CLOSED | HOLIDAYS | ON | THE | SAME | NEXT | BUSINESS ;
// ... and after a dot any word may.
word      : name | POLICY | ASSET | ROLE | PURPOSE | EVIDENCE | ENTITY | EXTERNAL | ACCOUNT | BUCKET | FACT | MODE | SEGREGATE | ALLOW
          | DENY | FLOOR | LIMIT | INVARIANT | SCENARIO | CITE | IN | OF | FROM | TO | BY | PER | EACH | CUSTODY | ANY | OTHER | ANYONE | SYSTEM
          | PASSING | WHEN | UNLESS | REQUIRES | BECAUSE | NOTIFY | AND | OR | NOT | IS | APPROVED | TIME | NOW | AMOUNT | BALANCE | TOTAL
          | GIVEN | WITH | AT | CHANGE | TOGETHER | END | TRUE_WORD | FALSE_WORD | MUST | CALENDAR | ENTERING | THEN | APART ;

// Words. parse.cc reads the order: POLICY to SCENARIO begin a statement.
POLICY : 'policy' ;   ASSET : 'asset' ;         ROLE : 'role' ;         PURPOSE : 'purpose' ;     EVIDENCE : 'evidence' ;
ENTITY : 'entity' ;   EXTERNAL : 'external' ;   ACCOUNT : 'account' ;   BUCKET : 'bucket' ;       FACT : 'fact' ;
MODE : 'mode' ;       SEGREGATE : 'segregate' ; ALLOW : 'allow' ;       DENY : 'deny' ;           FLOOR : 'floor' ;
LIMIT : 'limit' ;     INVARIANT : 'invariant' ; CALENDAR : 'calendar' ; SCENARIO : 'scenario' ;
CITE : 'cite' ;       IN : 'in' ;               OF : 'of' ;             FROM : 'from' ;           TO : 'to' ;
BY : 'by' ;           PER : 'per' ;             EACH : 'each' ;         CUSTODY : 'custody' ;     ANY : 'any' ;
OTHER : 'other' ;     ANYONE : 'anyone' ;       SYSTEM : 'system' ;     PASSING : 'passing' ;     WHEN : 'when' ;
UNLESS : 'unless' ;   REQUIRES : 'requires' ;   BECAUSE : 'because' ;   NOTIFY : 'notify' ;       AND : 'and' ;
OR : 'or' ;           NOT : 'not' ;             IS : 'is' ;             APPROVED : 'approved' ;   TIME : 'time' ;
AMOUNT : 'amount' ;   BALANCE : 'balance' ;     TOTAL : 'total' ;       GIVEN : 'given' ;         WITH : 'with' ;
AT : 'at' ;           CHANGE : 'change' ;       TOGETHER : 'together' ; END : 'end' ;             TRUE_WORD : 'true' ;
FALSE_WORD : 'false' ;  NOW : 'now' ;           MUST : 'must' ;         ENTERING : 'entering' ; THEN : 'then' ;
APART : 'apart' ;
VERSION : 'version' ; DECIMALS : 'decimals' ;   MANY : 'many' ;         MAY : 'may' ;             OVERDRAW : 'overdraw' ;
FRESH : 'fresh' ;     WITHIN : 'within' ;       TITLE : 'title' ;       NUMBER_WORD : 'number' ;  RATIO : 'ratio' ;
FLAG : 'flag' ;       DAY : 'day' ;             BETWEEN : 'between' ;   AFTER : 'after' ;         HOLDS : 'holds' ;
INSTANT_WORD : 'instant' ; DURATION : 'duration' ;   ELSE : 'else' ;
ALLOWED : 'allowed' ; DENIED : 'denied' ;       SHOWING : 'showing' ;   CLOSED : 'closed' ;
HOLIDAYS : 'holidays' ; ON : 'on' ;             THE : 'the' ;           SAME : 'same' ;         NEXT : 'next' ;
BUSINESS : 'business' ; AS : 'as' ;

ARROW : '->' ;  LESS_EQUAL : '<=' ;  GREATER_EQUAL : '>=' ;  NOT_EQUAL : '!=' ;  LESS : '<' ;  GREATER : '>' ;  EQUAL : '=' ;
PLUS : '+' ;  MINUS : '-' ;  STAR : '*' ;  COMMA : ',' ;  COLON : ':' ;  DOT : '.' ;
LEFT_PARENTHESIS : '(' ;  RIGHT_PARENTHESIS : ')' ;  LEFT_BRACKET : '[' ;  RIGHT_BRACKET : ']' ;

NAME        : [A-Za-z] [A-Za-z0-9_]* ;
NUMBER      : DIGITS ('.' DIGITS)? ;
PERCENT     : DIGITS ('.' DIGITS)? '%' ;
TIME_OF_DAY : [0-9] [0-9] ':' [0-9] [0-9] ;
INSTANT     : [0-9] [0-9] [0-9] [0-9] '-' [0-9] [0-9] '-' [0-9] [0-9] 'T' [0-9] [0-9] ':' [0-9] [0-9] ':' [0-9] [0-9] ('.' [0-9]+)? 'Z' ;
TEXT        : '"' (~["\\\r\n] | '\\' ~[\r\n])* '"' ;
fragment DIGITS : [0-9] [0-9_]* ;

SPACE       : [ \t\r\n]+ -> skip ;
COMMENT     : '#' ~[\r\n]* -> skip ;
UNCLOSED    : '"' (~["\\\r\n] | '\\' ~[\r\n])* '\\'? ;
ID          : '\u0001' ;   // only parse.cc makes one: control characters are refused before
// parse.cc shows the lexer every byte of a character beyond ASCII as \u007F.
STRANGE     : [\u007F]+ | . ;

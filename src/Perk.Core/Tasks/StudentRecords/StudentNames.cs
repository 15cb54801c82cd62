namespace Perk.Core.Tasks.StudentRecords;

/// <summary>The names of students: no first or last name of one split occurs in the other.</summary>
/// <param name="First">First names.</param>
/// <param name="Last">Last names.</param>
internal sealed record StudentNames(IReadOnlyList<string> First, IReadOnlyList<string> Last)
{
    private static readonly StudentNames Train = Create(
        """
        Aaron Abigail Adrian Alison Amanda Andrea Anthony Ashley Audrey Barbara Benjamin Beverly Brandon Brian Bridget Bryce
        Carla Carmen Cathy Christina Cody Courtney Daniel Darlene David Deborah Dennis Diana Douglas Edward Elena Emily Eric
        Felicia Frank Gabriel Gina Gregory Hannah Heather Helen Henry Isaac Jacob Janet Jasmine Jeffrey Jessica Jose Joyce
        Juan Julia Karen Kenneth Kevin Kimberly Laura Leonard Lucas Lydia Maria Martha Matt Melissa Miguel Monica Nancy Nathan
        Nicole Olivia Patricia Peter Rachel Rebecca Robert Rosa Samuel Sandra Sarah Stephen Susan Terri Timothy Veronica
        Victor Wendy Wesley Zachary
        """,
        """
        Adams Aguilar Alvarez Andrade Armstrong Bailey Barnes Bentley Bishop Bowman Brooks Butler Calderon Carpenter Castillo
        Chambers Chavez Coleman Cowan Cruz Daniels Delgado Dixon Duarte Duncan Edwards Elliott Erickson Estrada Ferguson
        Fisher Fleming Foster Gamble Garcia Gibson Gonzalez Graves Griffin Guzman Hardy Harris Hays Hernandez Hicks Hoffman
        Houston Hughes Humphrey Jenkins Johnson Kaufman Kennedy Lambert Larson Lawson Lopez Mackenzie Marshall Mendoza Mercer
        Montgomery Morris Murray Nelson Obrien Olson Palmer Parsons Pearson Powell Quinn Ramirez Reynolds Robbins Romero
        Sanders Schmidt Sparks Stewart Stokes Sutton Swanson Thornton Vargas Vega Wallace Watkins Weaver Wilkinson
        """);

    internal static readonly StudentNames Test = Create(
        """
        Alexis Allison Amber Angela Arthur Austin Bianca Bradley Brenda Brittany Bruce Caleb Candice Catherine Cedric Chelsea
        Clara Clifford Colin Crystal Curtis Damon Dawn Derek Donna Dylan Edith Eleanor Elias Erica Esther Ethan Evelyn
        Florence Gerald Gloria Grace Harold Harriet Hector Holly Howard Ian Irene Ivan Jared Jenna Jerome Joanna Joel Jorge
        Judith Katrina Keith Kristen Lance Leah Lorenzo Louise Lynn Madison Marcus Marilyn Marvin Maureen Megan Miriam
        Mitchell Molly Naomi Neil Noah Oscar Paula Phillip Priscilla Ralph Raymond Regina Roland Ruth Sabrina Seth Sheila
        Sonia Stuart Tamara Theodore Tracy Trevor Ursula Valerie Vincent Vivian Walter Yolanda
        """,
        """
        Acosta Aldridge Atkinson Ayers Ballard Beck Berger Blackwell Burgess Byrd Cabrera Cannon Carroll Cervantes Clayton
        Crawford Decker Dominguez Donovan Dudley Eaton Escobar Farrell Finley Fletcher Fowler Fuentes Gilmore Goodwin Greer
        Hancock Harmon Hensley Herrera Higgins Holloway Hopkins Hutchinson Ingram Jacobson Juarez Kemp Kirkland Landry Leblanc
        Lozano Lucero Maldonado Mathis Mcbride Mccormick Meadows Moody Navarro Newton Norris Ochoa Osborne Pacheco Patterson
        Petersen Pittman Pruitt Randolph Roth Salazar Schroeder Shepherd Sinclair Snyder Solomon Spencer Stafford Tanner
        Trujillo Underwood Vaughn Velasquez Whitaker Wilcox
        """);

    /// <summary>Whether a word is one of them.</summary>
    internal bool Contains(string word) => First.Contains(word, StringComparer.OrdinalIgnoreCase) || Last.Contains(word, StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of a split.</summary>
    internal static StudentNames Of(TaskSplit split) => split == TaskSplit.Test ? Test : Train;

    private static StudentNames Create(string first, string last) => new(Words(first), Words(last));

    private static string[] Words(string text) => text.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
}

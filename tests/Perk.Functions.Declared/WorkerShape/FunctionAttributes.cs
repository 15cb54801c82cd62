namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions
{
    /// <summary>
    /// Shape of <c>extensions/Worker.Extensions.Abstractions/src/BindingAttribute.cs</c>, package
    /// Microsoft.Azure.Functions.Worker.Extensions.Abstractions 1.3.0 (commit e453de8d).
    /// </summary>
    [AttributeUsage(AttributeTargets.Method)]
    public abstract class BindingAttribute : Attribute;

    /// <summary>
    /// Shape of <c>extensions/Worker.Extensions.Abstractions/src/TriggerBindingAttribute.cs</c>, package
    /// Microsoft.Azure.Functions.Worker.Extensions.Abstractions 1.3.0 (commit e453de8d).
    /// </summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public abstract class TriggerBindingAttribute : BindingAttribute;
}

namespace Microsoft.Azure.Functions.Worker
{
    /// <summary>
    /// Names a function. Shape of <c>extensions/Worker.Extensions.Abstractions/src/FunctionAttribute.cs</c>, package
    /// Microsoft.Azure.Functions.Worker.Extensions.Abstractions 1.3.0 (commit e453de8d).
    /// </summary>
    [AttributeUsage(AttributeTargets.Method)]
    public class FunctionAttribute(string name) : Attribute
    {
        /// <summary>The name the host shows and calls the function by; <c>FunctionAttribute.cs</c> as above.</summary>
        public string Name { get; } = name;
    }
}
